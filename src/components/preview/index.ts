/** Previews of artifacts. */
export { ArtifactPreview } from './ArtifactPreview';
