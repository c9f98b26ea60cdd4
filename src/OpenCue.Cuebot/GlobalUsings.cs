global using OpenCue.Farm;
global using Wire = OpenCue.Protocol;
