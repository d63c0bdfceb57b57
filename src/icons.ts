/** Our own drawings, as LabIcons: they follow the theme by Lab's `jp-icon3` class. */
import { LabIcon } from '@jupyterlab/ui-components';

/** Studio: a flask whose level is a curve that falls. */
export const studioIcon = new LabIcon({
  name: 'mlstudio:studio',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M8.5 3h7M10 3v6.2L4.6 18.4A1.8 1.8 0 0 0 6.2 21h11.6a1.8 1.8 0 0 0 1.6-2.6L14 9.2V3"/>
    <path d="M7.6 14.2c2.2-.4 2.6 3 4.6 2.6 1.6-.3 1.9-1.1 4.1-1.1"/>
  </g>
</svg>`
});

/** A trial component: one thing that ran. */
export const componentIcon = new LabIcon({
  name: 'mlstudio:component',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M4 4v16h16"/>
    <path d="M7.5 8.5c2 0 2.2 7 5 7 2 0 2.6-2 6.5-2"/>
  </g>
</svg>`
});

/** Jobs: a stack of things to do, the first one running. */
export const jobsIcon = new LabIcon({
  name: 'mlstudio:jobs',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M4 5l5 3-5 3z"/>
    <path d="M13 8h7M4 15h16M4 19.5h16"/>
  </g>
</svg>`
});

/** A comparison: two columns of bars that differ. */
export const compareIcon = new LabIcon({
  name: 'mlstudio:compare',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <path d="M12 3v18M4 7h5M4 12h3M4 17h5M15 7h5M15 12h5M15 17h3"/>
  </g>
</svg>`
});

/** Import: an arrow into a tray. */
export const importIcon = new LabIcon({
  name: 'mlstudio:import',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M12 3v11M7.5 10l4.5 4.5 4.5-4.5M4 16v4h16v-4"/>
  </g>
</svg>`
});

/** The doctor: a line that beats. */
export const doctorIcon = new LabIcon({
  name: 'mlstudio:doctor',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" style="fill:none" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    <path d="M3 12h4l2.5-7 4.5 14 2.5-7H21"/>
  </g>
</svg>`
});
