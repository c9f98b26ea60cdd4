using System.Reflection;
using System.Text;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Rpc.Server;

namespace OpenCue.Cuebot.Tests.Hosting;

/// <summary>Documents that follow from the code.</summary>
public sealed class DocumentTests
{
    /// <summary>
    /// How many methods of OpenCue's interfaces are still unimplemented. It only shrinks: whoever implements one lowers it.
    /// </summary>
    private const int MostUnimplemented = 145;

    /// <summary>What the host agents serve, not the server.</summary>
    private static readonly string[] ServedByAgents = ["rqd.RqdInterface", "rqd.RunningFrame"];

    [Fact]
    public async Task The_status_of_the_rpcs_is_documented_as_it_is()
    {
        await using var server = await TestServer.StartAsync();
        var implemented = server.Parts.GetRequiredService<RpcServer>().Methods.Where(method => method.IsImplemented).Select(method => method.FullName).ToHashSet();
        var services = typeof(Wire.Job).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
            .Where(property => property?.PropertyType == typeof(FileDescriptor))
            .SelectMany(property => ((FileDescriptor)property!.GetValue(null)!).Services)
            .OrderBy(service => service.FullName, StringComparer.Ordinal)
            .ToList();
        var text = new StringBuilder(
            """
            # Which RPCs are implemented

            Made by a test from the code; don't edit it. What is not implemented answers UNIMPLEMENTED.


            """);
        var (done, all) = (0, 0);
        var table = new StringBuilder();
        foreach (var service in services)
        {
            var methods = service.Methods.OrderBy(method => method.Name, StringComparer.Ordinal).ToList();
            var ours = service.FullName.StartsWith("opencue.", StringComparison.Ordinal);
            var byAgent = ServedByAgents.Contains(service.FullName);
            var working = methods.Where(method => implemented.Contains($"/{service.FullName}/{method.Name}")).ToList();
            table.Append($"## {service.FullName}\n\n");
            if (byAgent)
            {
                table.Append($"Served by the host agents: {Names(methods)}\n\n");
            }
            else
            {
                table.Append($"Implemented ({working.Count} of {methods.Count}): {Names(working)}\n\n");
                if (working.Count < methods.Count)
                {
                    table.Append($"Unimplemented: {Names(methods.Except(working))}\n\n");
                }
            }

            if (!ours && !byAgent)
            {
                done += working.Count;
                all += methods.Count;
            }
        }

        text.Append($"Of the {all} methods that OpenCue's servers offer, {done} are implemented and {all - done} are not.\n\n");
        text.Append(table.ToString().TrimEnd()).Append('\n');

        Repository.CheckDocument("docs/rpc-status.md", text.ToString());
        Assert.True(all - done <= MostUnimplemented, $"{all - done} methods are unimplemented; there were {MostUnimplemented}. The list only shrinks.");
        Assert.True(all - done == MostUnimplemented, $"Only {all - done} methods are unimplemented now: lower {nameof(MostUnimplemented)} to that.");
    }

    [Fact]
    public void The_options_and_settings_are_documented_as_they_are()
    {
        var text = new StringBuilder(
            """
            # Configuration of cuebot

            Made by a test from the code; don't edit it.

            Options are given on the command line, in environment variables, and in a configuration file (`--config FILE`). The command line goes before the
            environment, the environment before the file. All that is wrong is told at once, one line each, and nothing is started (exit code 2).

            The file is one JSON object. Comments and trailing commas are allowed; dots in names may be written as objects in objects:

            ```json
            {
              "data": "/var/lib/cuebot",
              "bind": "*",
              "log-root": "/shots",
              "dispatcher": { "turn_off_booking": false },
              "log.frame-log-root.windows": "s:/logs"
            }
            ```

            ## Options

            | Option | Environment | |
            |---|---|---|

            """);
        foreach (var option in OptionTable.All)
        {
            text.Append($"| `--{option.Key} {option.Value}` | {string.Join(", ", option.Environment.Select(name => $"`{name}`"))} | {option.Help} |\n");
        }

        text.Append(
            """

            ## Settings of the farm

            In the file by name, on the command line as `--set NAME=VALUE`. Where OpenCue has the property, the name is OpenCue's.

            | Setting | |
            |---|---|

            """);
        foreach (var setting in FarmSettingTable.All)
        {
            text.Append($"| `{setting.Key}` | {setting.Help} |\n");
        }

        text.Append($"| `{FarmSettingTable.LogRootPrefix}<os>` | where frames' logs go of jobs for that operating system |\n");

        Repository.CheckDocument("docs/configuration.md", text.ToString());
    }

    private static string Names(IEnumerable<MethodDescriptor> methods) => string.Join(", ", methods.Select(method => method.Name));
}
