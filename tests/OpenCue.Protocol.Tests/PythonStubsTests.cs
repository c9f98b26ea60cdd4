using System.Diagnostics;
using System.Reflection;
using Google.Protobuf;

namespace OpenCue.Protocol.Tests;

/// <summary>proto/ is for other people's generators too: Python's must understand it, and mean the same by it.</summary>
public sealed class PythonStubsTests : IDisposable
{
    private readonly string _stubs = Directory.CreateTempSubdirectory("opencue-stubs-").FullName;

    [Fact]
    public async Task Python_stubs_call_every_method_and_read_and_write_every_message_as_we_do()
    {
        var root = typeof(PythonStubsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var messages = SampleMessages.All().ToList();

        await RunAsync(Path.Combine(root, "tests/python/stubs.sh"), [_stubs], "");
        var output = await RunAsync(
            "/usr/bin/python3",
            [Path.Combine(root, "tests/python/echo_messages.py"), _stubs],
            string.Concat(messages.Select(message =>
                $"{message.Descriptor.FullName} {Convert.ToBase64String(message.ToByteArray())}\n")));

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            WireFacts.GeneratedFiles().SelectMany(file => file.Services).SelectMany(service => service.Methods)
                .Select(method => $"method /{method.Service.FullName}/{method.Name}")
                .Order(StringComparer.Ordinal),
            lines.Where(line => line.StartsWith("method ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        var echoes = lines.Where(line => !line.StartsWith("method ", StringComparison.Ordinal)).ToList();
        Assert.Equal(messages.Count, echoes.Count);
        foreach (var (message, echo) in messages.Zip(echoes))
        {
            var (name, data) = (echo.Split(' ')[0], echo.Split(' ')[1]);
            Assert.Equal(message.Descriptor.FullName, name);
            Assert.Equal(message, message.Descriptor.Parser.ParseFrom(Convert.FromBase64String(data)));
        }
    }

    public void Dispose() => Directory.Delete(_stubs, recursive: true);

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it read everything; its exit status and its errors say why.
        }

        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} exited with {process.ExitCode}: {await errors}");
        return await output;
    }
}
