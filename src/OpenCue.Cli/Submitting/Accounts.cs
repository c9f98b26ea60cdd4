using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Submitting;

/// <summary>Users of this machine.</summary>
internal static class Accounts
{
    /// <summary>
    /// The numeric id of a user; null where the system has none. <c>id</c> is asked, which knows of every directory that the machine
    /// is connected to.
    /// </summary>
    /// <exception cref="CueException">The machine does not know the user.</exception>
    public static async Task<int?> UidAsync(string user, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            var start = new ProcessStartInfo("id", ["-u", "--", user]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start) ?? throw CueException.Failed("the program id cannot be started; say --uid");
            var answer = process.StandardOutput.ReadToEndAsync(cancel);
            var error = process.StandardError.ReadToEndAsync(cancel);
            await Task.WhenAll(answer, error, process.WaitForExitAsync(cancel));
            var text = (await answer).Trim();
            return process.ExitCode == 0 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                ? uid
                : throw CueException.Usage($"this machine knows no user '{user}'; say --uid too, or name another --user");
        }
        catch (Win32Exception e)
        {
            throw CueException.Failed($"the program id cannot be started ({e.Message}); say --uid", e);
        }
    }
}
