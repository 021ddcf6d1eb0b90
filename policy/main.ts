import "../light-runtime";
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./index";
import { receiveStackSettings } from "./receive-settings";

receiveStackSettings();
new PolicyPack("memoryloop-infra", { policies: [...policies] });
