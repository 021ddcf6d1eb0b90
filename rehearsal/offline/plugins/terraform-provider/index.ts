import { serve } from "../serve";
import { terraformProvider } from "./plugin";

serve(terraformProvider());
