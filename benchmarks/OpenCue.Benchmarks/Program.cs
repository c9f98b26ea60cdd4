using OpenCue.Benchmarks;

return await Benchmarks.RunAsync(args, Console.Out, Console.Error);
