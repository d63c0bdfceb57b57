/** Names and values, and plain tables, under the name that the tabs of the page know. */
export { Field, Table } from '../../../components/common/fields';
