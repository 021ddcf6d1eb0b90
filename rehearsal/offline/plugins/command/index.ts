import { EngineLog } from "../engine-log";
import { serve } from "../serve";
import { command } from "./plugin";

serve(command(new EngineLog(process.argv[2])));
