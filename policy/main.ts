import "../light-runtime";
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./index";

new PolicyPack("memoryloop-infra", { policies: [...policies] });
