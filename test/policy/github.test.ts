import * as github from "../../policy/github";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const repositoryFile = resourceOf(kinds.repositoryFile);
const environment = resourceOf(kinds.environment);
const branchPolicy = resourceOf(kinds.deploymentPolicy);
const deployKey = resourceOf({ type: "github:index/repositoryDeployKey:RepositoryDeployKey" });

const path = ".github/workflows/ci.yml";
const workflow = (content: string) => repositoryFile({ file: path, content });

testRules(github, {
  workflowPinned: {
    passes: workflow(`steps:\n  - uses: actions/checkout@${"0a".repeat(20)} # v5\n  - uses: ./.github/actions/setup\n`),
    fails: workflow("steps:\n  - uses: actions/checkout@v5\n"),
    says: `it: unpinned actions of ${path} is ["actions/checkout@v5"]`,
  },
  workflowPermissions: {
    passes: workflow("permissions: { contents: read }\n"),
    fails: workflow("permissions: { contents: write }\n"),
    says: `it: permissions of ${path} is {"contents":"write"}`,
  },
  workflowTriggers: {
    passes: workflow("on: [push, pull_request]\n"),
    fails: workflow("on: [push, pull_request_target]\n"),
    says: `it: triggers of ${path} is ["push","pull_request_target"]`,
  },
  environmentRestricted: {
    passes: environment({ deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true } }),
    fails: environment({ deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false } }),
    says: 'it: deploymentBranchPolicy is {"custom":false}',
  },
  environmentBranch: {
    passes: branchPolicy({ branchPattern: "main" }),
    fails: branchPolicy({ branchPattern: "feature/*" }),
    says: 'it: branchPattern and tagPattern is {"branchPattern":"feature/*"}',
  },
  deployKeyAbsent: {
    passes: environment({ environment: "production" }),
    fails: deployKey({}),
    says: 'it: type is "github:index/repositoryDeployKey:RepositoryDeployKey"',
  },
});
