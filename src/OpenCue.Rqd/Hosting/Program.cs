using System.CommandLine;
using OpenCue.Rqd.Hosting;

var file = new Option<string?>("--config")
{
    Description = $"The config file; OpenCue's rqd.conf will do. Default: {OptionsReader.DefaultFile} if it exists.",
    HelpName = "FILE",
};
var options = Settings.All.ToDictionary(
    setting => setting,
    setting => setting.IsSwitch
        ? (Option)new Option<bool>($"--{setting.Name}") { Description = setting.Help }
        : new Option<string?>($"--{setting.Name}") { Description = setting.Help, HelpName = setting.Value });

var command = new RootCommand(
    """
    rqd, the render host agent of OpenCue.NET: runs the frames that cuebot sends here and reports on them.

    Every setting NAME is also read from the environment variable OPENCUE_RQD_NAME and from the config file, as NAME = value or by the
    name that OpenCue's rqd.conf has for it. The command line wins over the environment, the environment over the file.
    """);
command.Options.Add(file);
foreach (var option in options.Values)
{
    command.Options.Add(option);
}

command.SetAction(async (parsed, _) =>
{
    var given = options
        .Where(pair => parsed.GetResult(pair.Value) is { Implicit: false })
        .ToDictionary(pair => pair.Key.Name, pair => pair.Value is Option<string?> text ? parsed.GetValue(text) ?? "" : "yes");
    return await AgentProgram.RunAsync(parsed.GetValue(file), given);
});
// The agent sees to signals itself.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
