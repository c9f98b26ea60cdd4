return await SimProgram.RunAsync(args, SimTerminal.OfProcess());
