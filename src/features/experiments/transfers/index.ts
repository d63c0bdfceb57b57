/** Coming and going: the import page, the export of rows. */
export { createImportPage } from './ImportPage';
export { exportRows } from './exportRows';
