/// <reference lib="dom" />
/**
 * The page: one session, its views, and the worker that computes.
 * @module
 */
import type { PlaceWorkerMethods } from "./worker/protocol.ts";
import { WorkerClient } from "./worker/rpc.ts";
import { readAddress } from "./session/address.ts";
import { Session } from "./session/session.ts";
import { placeWorker } from "./start.ts";
import { followApp } from "./views/app_links.ts";
import { followApps } from "./views/apps_view.ts";
import { followDistribution } from "./views/distribution_view.ts";
import { showFairness } from "./views/fairness_view.ts";
import { showFiles } from "./views/files_view.ts";
import { followFocus } from "./views/inspector_view.ts";
import { showGlance } from "./views/glance_view.ts";
import { followLegends } from "./views/legend_view.ts";
import { followMatrix } from "./views/matrix_view.ts";
import { followNotices } from "./views/notice_view.ts";
import { showPanel } from "./views/panel_view.ts";
import { showProblem } from "./views/problem_view.ts";
import { showReplanning } from "./views/replanning_view.ts";
import { followScatter } from "./views/scatter_view.ts";
import { showSharing } from "./views/sharing_view.ts";
import { showTraining } from "./views/training_view.ts";
import { showStory } from "./views/story_view.ts";
import { showTransport } from "./views/transport_view.ts";
import { showTurns } from "./views/turns_view.ts";
import { followVerdict } from "./views/verdict_view.ts";

const worker = new WorkerClient<PlaceWorkerMethods>(placeWorker);
const session = new Session(worker);

followNotices(session);
showPanel(session, 0);
showPanel(session, 1);
showTransport(session);
followVerdict(session);
followApps(session);
followLegends(session);
followFocus(session);
showProblem(session);
showGlance(session);
followScatter(session);
showFairness(session);
showReplanning(session);
showFiles(session);
followMatrix(session);
followApp(session);
followDistribution(session);
showTraining(session);
showSharing(session);

const told = async (work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    session.say((error as Error).message, true);
  }
};
showTurns(
  () => told(showStory(worker)),
  () => told(session.follow(readAddress(location.hash))),
);
