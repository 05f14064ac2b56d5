/** `metis terminate` shares its stack with `metis launch`. @module */
export { terminateCommand as command } from "./launch.ts";
