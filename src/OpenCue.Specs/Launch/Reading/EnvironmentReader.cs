using System.Text;
using OpenCue.Specs.Commands;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Collects the variables of one job or layer from all its env elements; of variables of one name the last counts.</summary>
internal sealed class EnvironmentReader(SpecCursor cursor)
{
    // A frame's variables travel to its host in one message of at most 4 MiB, together with the command.
    private const int MostBytes = 1024 * 1024;

    private readonly OrderedDictionary<string, string> _variables = new(StringComparer.Ordinal);
    private int _bytes;

    public void Read(SpecElement env)
    {
        while (cursor.NextChild(env, out var key))
        {
            var name = key["name"];
            var value = cursor.Text(key).Value;
            if (!FrameEnvironment.Fits(name, value))
            {
                throw key.Error(
                    $"the variable {Messages.Show(name)} is too long; with its name it may have {FrameEnvironment.LongestVariable} bytes");
            }

            _bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
            if (_bytes > MostBytes)
            {
                throw key.Error($"the variables have more than {MostBytes} bytes in all; put large data into files");
            }

            _variables[name] = value;
        }
    }

    public ValueList<EnvironmentVariable> Variables() =>
        _variables.Select(variable => new EnvironmentVariable(variable.Key, variable.Value)).ToValueList();
}
