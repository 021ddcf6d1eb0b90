import { serve } from "../serve";
import { random } from "./plugin";

serve(random);
