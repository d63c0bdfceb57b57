/** The drawing of an instance; not among those that are loaded with Lab. */
import { LabIcon } from '@jupyterlab/ui-components';

/** What something runs on: a chip. */
export const instanceIcon = new LabIcon({
  name: 'mlstudio:instance',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <rect x="6" y="6" width="12" height="12" rx="1"/>
    <path d="M9.5 3v3M14.5 3v3M9.5 18v3M14.5 18v3M3 9.5h3M3 14.5h3M18 9.5h3M18 14.5h3"/>
  </g>
</svg>`
});
