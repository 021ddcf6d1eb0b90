import { serve } from "../serve";
import { github } from "./plugin";

serve(github());
