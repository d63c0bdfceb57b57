declare module 'plotly.js-cartesian-dist-min' {
  const plotly: import('./lazy').IPlotly;
  export default plotly;
}
