global using System.Globalization;
global using OpenCue.Farm;
global using OpenCue.Simulator.Commands;
