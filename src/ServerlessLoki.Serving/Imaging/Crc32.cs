using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>CRC-32 of PNG and zlib (polynomial 0xEDB88320), eight bytes per step.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    internal static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        ~Append(Append(0xFFFFFFFF, first), second);

    private static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var t = Table;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
        {
            var x = word ^ crc;
            crc = t[(7 * 256) + (int)(x & 255)] ^ t[(6 * 256) + (int)((x >> 8) & 255)]
                ^ t[(5 * 256) + (int)((x >> 16) & 255)] ^ t[(4 * 256) + (int)((x >> 24) & 255)]
                ^ t[(3 * 256) + (int)((x >> 32) & 255)] ^ t[(2 * 256) + (int)((x >> 40) & 255)]
                ^ t[256 + (int)((x >> 48) & 255)] ^ t[(int)(x >> 56)];
        }
        foreach (var b in data[(data.Length & ~7)..]) crc = t[(int)((crc ^ b) & 255)] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            table[i] = crc;
        }
        for (var i = 256; i < table.Length; i++) table[i] = table[table[i - 256] & 255] ^ (table[i - 256] >> 8);
        return table;
    }
}
