using Npgsql;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>Adds single values to a command's parameters.</summary>
internal sealed class ParameterWriter(NpgsqlParameterCollection parameters) : IRowWriter
{
    public void Uuid(EntityId value) => Add(value.ToGuid());

    public void Small(short value) => Add(value);

    public void Int(int value) => Add(value);

    public void Long(long value) => Add(value);

    public void Bool(bool value) => Add(value);

    public void Text(string value) => Add(value);

    public void Null() => parameters.Add(new NpgsqlParameter { Value = DBNull.Value });

    private void Add<T>(T value) => parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
