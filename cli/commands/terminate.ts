/** `metis terminate` shares its stack with `metis launch`. @module */
export { terminateCommand } from "./launch.ts";
