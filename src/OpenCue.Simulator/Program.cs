using OpenCue.Simulator.Commands;

return await SimProgram.RunAsync(args, SimTerminal.OfProcess());
