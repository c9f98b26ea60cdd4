global using OpenCue.Engine.Storing;
global using OpenCue.Farm;
global using OpenCue.Farm.Changes;
global using OpenCue.Specs;
