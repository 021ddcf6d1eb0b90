import { serve } from "../serve";
import { docker } from "./plugin";

serve(docker());
