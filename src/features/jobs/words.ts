/** Words for what a job does now. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** A secondary status, as people say it. */
export function stepText(step: string, trans: TranslationBundle): string {
  switch (step) {
    case 'Pending':
      return trans.__('Waiting');
    case 'Starting':
      return trans.__('Starting');
    case 'Downloading':
      return trans.__('Fetching inputs');
    case 'Training':
      return trans.__('Running');
    case 'Uploading':
      return trans.__('Saving outputs');
    case 'Interrupted':
      return trans.__('Interrupted');
    case 'Restarting':
      return trans.__('Restarting');
    case 'Updating':
      return trans.__('Updating');
    case 'Completed':
      return trans.__('Completed');
    case 'Failed':
      return trans.__('Failed');
    case 'Stopping':
      return trans.__('Stopping');
    case 'Stopped':
      return trans.__('Stopped');
    case 'MaxRuntimeExceeded':
      return trans.__('Longer than allowed');
    case 'MaxWaitTimeExceeded':
      return trans.__('Waited longer than allowed');
    default:
      return step;
  }
}

/** How a job sees /opt/ml, in a sentence. */
export function pathsText(paths: string, trans: TranslationBundle): string {
  switch (paths) {
    case 'namespace':
      return trans.__('/opt/ml is the job’s own, in a private namespace');
    case 'symlink':
      return trans.__('/opt/ml is a link to the job’s folder');
    case 'env':
      return trans.__(
        '/opt/ml is not there: the job finds its folders by SM_* variables'
      );
    case 'container':
      return trans.__('/opt/ml is inside the container');
    default:
      return paths;
  }
}
