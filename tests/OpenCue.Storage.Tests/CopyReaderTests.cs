using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using OpenCue.Storage.Postgres;

namespace OpenCue.Storage.Tests;

public sealed class CopyReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void Rows_are_read_however_the_network_cuts_them(int piece)
    {
        var id = EntityId.Parse("01990000-0000-7000-8000-000100000007");
        var longText = new string('ü', 400_000);
        var bytes = new CopyBytes().Header();
        for (var i = 0; i < 50; i++)
        {
            bytes.Row(5).Uuid(id).Int(i).Null().Text(i == 20 ? longText : $"text {i}").Long(long.MinValue + i);
        }

        var reader = new CopyReader(new Pieces(bytes.End(), piece));

        reader.ReadHeader();
        for (var i = 0; i < 50; i++)
        {
            Assert.True(reader.NextRow());
            Assert.Equal(id, reader.Uuid());
            Assert.Equal(i, reader.Int());
            Assert.True(reader.TryNull());
            Assert.Equal(i == 20 ? longText : $"text {i}", reader.Text());
            Assert.Equal(long.MinValue + i, reader.Long());
        }

        Assert.False(reader.NextRow());
    }

    [Fact]
    public void A_column_of_another_size_than_expected_is_an_error()
    {
        var reader = new CopyReader(new MemoryStream(new CopyBytes().Header().Row(1).Int(5).End()));
        reader.ReadHeader();
        Assert.True(reader.NextRow());

        Assert.Throws<InvalidDataException>(() => reader.Long());
    }

    [Fact]
    public void A_stream_that_ends_too_early_is_an_error()
    {
        var whole = new CopyBytes().Header().Row(1).Long(5).End();
        var reader = new CopyReader(new MemoryStream(whole[..^5]));
        reader.ReadHeader();
        Assert.True(reader.NextRow());

        Assert.Throws<EndOfStreamException>(() => reader.Long());
    }

    /// <summary>Writes the format as PostgreSQL's manual describes it.</summary>
    private sealed class CopyBytes
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public CopyBytes Header()
        {
            _bytes.Write("PGCOPY\n"u8);
            _bytes.Write((ReadOnlySpan<byte>)[0xFF, (byte)'\r', (byte)'\n', 0]);
            _bytes.Write((ReadOnlySpan<byte>)new byte[8]);
            return this;
        }

        public CopyBytes Row(short columns)
        {
            Span<byte> count = stackalloc byte[2];
            BinaryPrimitives.WriteInt16BigEndian(count, columns);
            _bytes.Write((ReadOnlySpan<byte>)count);
            return this;
        }

        public CopyBytes Uuid(EntityId id) => Field(id.ToGuid().ToByteArray(bigEndian: true));

        public CopyBytes Int(int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return Field(bytes);
        }

        public CopyBytes Long(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            return Field(bytes);
        }

        public CopyBytes Text(string text) => Field(Encoding.UTF8.GetBytes(text));

        public CopyBytes Null() => Length(-1);

        public byte[] End()
        {
            Row(-1);
            return _bytes.WrittenSpan.ToArray();
        }

        private CopyBytes Field(ReadOnlySpan<byte> bytes)
        {
            Length(bytes.Length);
            _bytes.Write(bytes);
            return this;
        }

        private CopyBytes Length(int length)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, length);
            _bytes.Write((ReadOnlySpan<byte>)bytes);
            return this;
        }
    }

    /// <summary>Gives at most so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);
    }
}
