namespace OpenCue.Rqd.Hosting;

/// <summary>Puts the options together: the command line wins over the environment, that over the file, that over the defaults.</summary>
internal static class OptionsReader
{
    public const string DefaultFile = "/etc/opencue/rqd.conf";

    /// <summary>Names the file; OpenCue's own variable.</summary>
    public const string FileVariable = "RQD_CONFIG_FILE";

    private const string OpenCueCuebotVariable = "CUEBOT_HOSTNAME";

    /// <param name="file">From the command line; null if it names none.</param>
    /// <param name="commandLine">Name and value of the settings that were given there.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="warnings">What is odd but does not keep the agent from starting.</param>
    /// <exception cref="StartException">Some values are not valid; the message names every one and where it stands.</exception>
    public static RqdOptions Read(
        string? file, IReadOnlyDictionary<string, string> commandLine, Func<string, string?> variable, out IReadOnlyList<string> warnings)
    {
        var (problems, odd) = (new List<string>(), new List<string>());
        var options = new RqdOptions();

        // OpenCue's variable counts less than the file; ours counts more.
        if (variable(OpenCueCuebotVariable) is { Length: > 0 } cuebot)
        {
            options = Apply(options, Named("cuebot"), cuebot, $"the variable {OpenCueCuebotVariable}", problems);
        }

        options = ApplyFile(options, file ?? variable(FileVariable), problems, odd);
        foreach (var setting in Settings.All)
        {
            if (variable(setting.Variable) is { } value)
            {
                options = Apply(options, setting, value, $"the variable {setting.Variable}", problems);
            }
        }
        foreach (var (name, value) in commandLine)
        {
            options = Apply(options, Named(name), value, $"--{name}", problems);
        }

        if (problems.Count > 0)
        {
            throw new StartException(string.Join("; ", problems));
        }

        warnings = odd;
        return options.Cuebots.IsEmpty ? options with { Cuebots = ["localhost"] } : options;
    }

    private static RqdOptions ApplyFile(RqdOptions options, string? named, List<string> problems, List<string> warnings)
    {
        var path = named ?? DefaultFile;
        if (!File.Exists(path))
        {
            if (named is not null)
            {
                problems.Add($"the config file {named} does not exist");
            }

            return options;
        }
        foreach (var entry in IniFile.Read(path))
        {
            var place = $"{path}, line {entry.Line}";
            var setting = Settings.All.FirstOrDefault(setting => setting.Name == entry.Key || setting.OpenCueKey == entry.Key);
            if (entry.Section == "UseHostEnvVar")
            {
                options = options with { AgentVariables = options.AgentVariables.Add(entry.Key) };
            }
            else if (setting is not null)
            {
                options = Apply(options, setting, entry.Value ?? "", $"{place}, {entry.Key}", problems);
            }
            else if (Settings.IgnoredOpenCueKeys.Contains(entry.Key) || entry.Section.StartsWith("docker.", StringComparison.Ordinal))
            {
                warnings.Add($"{place}: {entry.Key} has no effect in this agent");
            }
            else
            {
                problems.Add($"{place}: there is no setting {entry.Key}");
            }
        }
        return options;
    }

    private static RqdOptions Apply(RqdOptions options, Setting setting, string value, string place, List<string> problems)
    {
        try
        {
            return setting.Apply(options, value.Trim());
        }
        catch (FormatException error)
        {
            problems.Add($"{place} is '{value}': {error.Message}");
            return options;
        }
    }

    private static Setting Named(string name) => Settings.All.First(setting => setting.Name == name);
}
