using System.Buffers;
using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>
/// The headers or trailers of a call: an ordered list of keys and values. A key that ends in <c>-bin</c> holds bytes,
/// every other one printable ASCII.
/// </summary>
#pragma warning disable CA1710 // The name is fixed by the generated stubs.
public sealed class Metadata : IList<Metadata.Entry>
#pragma warning restore CA1710
{
    /// <summary>The end of every key whose value is bytes.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>Metadata without entries, which nobody can add to.</summary>
    public static readonly Metadata Empty = new(frozen: true);

    private readonly List<Entry> _entries;
    private readonly bool _frozen;

    /// <summary>Makes metadata without entries.</summary>
    public Metadata()
        : this(frozen: false)
    {
    }

    private Metadata(bool frozen)
    {
        _entries = [];
        _frozen = frozen;
    }

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether entries can be changed.</summary>
    public bool IsReadOnly => _frozen;

    /// <summary>The entry at a position.</summary>
    /// <param name="index">The position, from 0.</param>
    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            CheckWriteable();
            _entries[index] = value;
        }
    }

    /// <summary>The last entry with this key, or null.</summary>
    /// <param name="key">The key, in any case.</param>
    public Entry? Get(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[i];
            }
        }

        return null;
    }

    /// <summary>The text of the last entry with this key, or null.</summary>
    /// <param name="key">The key, in any case.</param>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry with this key, or null.</summary>
    /// <param name="key">The key, in any case.</param>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    /// <summary>All entries with this key, in their order.</summary>
    /// <param name="key">The key, in any case.</param>
    public IEnumerable<Entry> GetAll(string key) =>
        _entries.Where(entry => string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Adds a text entry.</summary>
    /// <param name="key">The key; it must not end in <c>-bin</c>.</param>
    /// <param name="value">The value, printable ASCII.</param>
    public void Add(string key, string value) => Add(new Entry(key, value));

    /// <summary>Adds an entry of bytes.</summary>
    /// <param name="key">The key; it must end in <c>-bin</c>.</param>
    /// <param name="valueBytes">The value.</param>
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    /// <summary>Adds an entry.</summary>
    /// <param name="item">The entry.</param>
    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWriteable();
        _entries.Add(item);
    }

    /// <inheritdoc/>
    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWriteable();
        _entries.Insert(index, item);
    }

    /// <inheritdoc/>
    public void RemoveAt(int index)
    {
        CheckWriteable();
        _entries.RemoveAt(index);
    }

    /// <inheritdoc/>
    public bool Remove(Entry item)
    {
        CheckWriteable();
        return _entries.Remove(item);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        CheckWriteable();
        _entries.Clear();
    }

    /// <inheritdoc/>
    public int IndexOf(Entry item) => _entries.IndexOf(item);

    /// <inheritdoc/>
    public bool Contains(Entry item) => _entries.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CheckWriteable()
    {
        if (_frozen)
        {
            throw new InvalidOperationException("Metadata.Empty is shared and cannot be changed; make a new Metadata.");
        }
    }

    /// <summary>One key and its value.</summary>
#pragma warning disable CA1034 // The nesting is fixed by the generated stubs' API.
    public sealed class Entry
#pragma warning restore CA1034
    {
        private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

        private readonly string? _text;
        private readonly byte[]? _bytes;

        /// <summary>Makes an entry of bytes.</summary>
        /// <param name="key">The key; it must end in <c>-bin</c>.</param>
        /// <param name="valueBytes">The value; it is copied.</param>
        /// <exception cref="ArgumentException">The key has characters that no header may have, or does not end in <c>-bin</c>.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = NormalizeKey(key);
            if (!IsBinary)
            {
                throw new ArgumentException($"The metadata key \"{Key}\" has bytes as its value, so it must end in \"{BinaryHeaderSuffix}\".", nameof(key));
            }

            _bytes = (byte[])valueBytes.Clone();
        }

        /// <summary>Makes a text entry.</summary>
        /// <param name="key">The key; it must not end in <c>-bin</c>.</param>
        /// <param name="value">The value, printable ASCII; anything else does not survive the wire and must be sent as bytes.</param>
        /// <exception cref="ArgumentException">The key or value has characters that no header may have, or the key ends in <c>-bin</c>.</exception>
        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = NormalizeKey(key);
            if (IsBinary)
            {
                throw new ArgumentException($"The metadata key \"{Key}\" ends in \"{BinaryHeaderSuffix}\", so its value must be bytes.", nameof(key));
            }

            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new ArgumentException(
                    $"The value of the metadata \"{Key}\" has other characters than printable ASCII; send it as bytes under \"{Key}{BinaryHeaderSuffix}\".",
                    nameof(value));
            }

            _text = value;
        }

        private Entry(string key, string? text, byte[]? bytes)
        {
            Key = key;
            _text = text;
            _bytes = bytes;
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>The value as bytes; a text's bytes are ASCII.</summary>
        public byte[] ValueBytes => _bytes is not null ? (byte[])_bytes.Clone() : Encoding.ASCII.GetBytes(_text!);

        /// <summary>The value as text.</summary>
        /// <exception cref="InvalidOperationException">The entry holds bytes.</exception>
        public string Value =>
            _text ?? throw new InvalidOperationException($"The metadata entry \"{Key}\" holds bytes; read ValueBytes.");

        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <summary>The value of a binary entry without a copy; not to be changed.</summary>
        internal byte[] BytesUnsafe => _bytes ?? throw new InvalidOperationException($"The metadata entry \"{Key}\" holds text.");

        /// <inheritdoc/>
        public override string ToString() =>
            _bytes is not null ? $"[Entry: key={Key}, valueBytes={Convert.ToHexString(_bytes)}]" : $"[Entry: key={Key}, value={_text}]";

        /// <summary>Whether a key in lower case has only characters that metadata may have.</summary>
        internal static bool IsValidKey(string lowerKey) =>
            lowerKey.Length > 0 && !lowerKey.AsSpan().ContainsAnyExcept(KeyCharacters);

        /// <summary>An entry that was received: its key is valid, its value is what the other side sent.</summary>
        internal static Entry FromWire(string key, string text) => new(key, text, null);

        /// <summary>An entry that was received; the bytes are not copied.</summary>
        internal static Entry FromWire(string key, byte[] bytes) => new(key, null, bytes);

        private static string NormalizeKey(string key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            var lower = key.ToLowerInvariant();
            return IsValidKey(lower)
                ? lower
                : throw new ArgumentException(
                    $"The metadata key \"{key}\" has other characters than letters, digits, '-', '_' and '.'.", nameof(key));
        }
    }
}
