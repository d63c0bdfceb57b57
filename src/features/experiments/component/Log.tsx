/** The log of the component's job, under the name that the tabs of the page know. */
export { JobLog as Log } from '../../../components/log';
