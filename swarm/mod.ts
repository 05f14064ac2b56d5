/**
 * Real clusters: access to Docker engines, a lab of engines on one machine, and the deployment of plans.
 * @module
 */
export { type Clock, systemClock } from "./clock.ts";
export { connectEngine, requireManager } from "./engine/connect.ts";
export { type EndpointOptions, findEndpoint } from "./engine/endpoint.ts";
export { type Engine, openEngine } from "./engine/engine.ts";
export { openTransport, type Transport } from "./engine/transport.ts";
export { type Change, planChanges } from "./deploy/changes.ts";
export {
  deploy,
  type DeployOptions,
  type DeployReport,
  planDeployment,
  type Reporter,
  type Target,
} from "./deploy/deploy.ts";
export { type Host, type HostSelection, selectHosts } from "./deploy/hosts.ts";
export { launchTarget, readSlots } from "./deploy/launch.ts";
export { type ServiceStatus, type StackStatus, stackStatus } from "./deploy/status.ts";
export { planTarget, type Spot } from "./deploy/target.ts";
export { emptyTarget } from "./deploy/undeploy.ts";
export { EXPORT_FORMATS, type ExportFormat, exportPlan } from "./export/export.ts";
export { DeployError, EngineError, EngineUnreachableError, LabError } from "./errors.ts";
export { readServices, type Services } from "./services/compose.ts";
