namespace OpenCue.Specs;

/// <summary>An environment variable of a job, layer or frame.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, without blanks around it.</param>
public readonly record struct EnvironmentVariable(string Name, string Value);
