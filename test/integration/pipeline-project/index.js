"use strict";
const path = require("node:path");
const pulumi = require("@pulumi/pulumi");
const built = (file) => require(path.join(process.env.CHECKOUT, "dist", file));
const { Pipeline } = built("components/pipeline.js");
const { proposalFor } = built("github/workflow-files.js");
const { lastOutputs } = built("stack-outputs.js");

const { sentryDsn, sentryAuthToken, ...args } = JSON.parse(process.env.PIPELINE_ARGS);

module.exports = async () => {
  const byPullRequest = args.workflowsBy === "pull-request";
  const proposal = byPullRequest ? await proposalFor(args, (await lastOutputs()).workflowProposal) : undefined;
  new Pipeline("pipeline", {
    ...args,
    sentryDsn: pulumi.secret(sentryDsn),
    sentryAuthToken: pulumi.secret(sentryAuthToken),
    proposal,
  });
  return proposal === undefined ? {} : { workflowProposal: proposal };
};
