using OpenCue.Cli.Commands;

var environment = CueEnvironment.OfProcess();
return await CueProgram.RunAsync(args, environment);
