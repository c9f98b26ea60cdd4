global using OpenCue.Specs;
global using OpenCue.Specs.Launch;
