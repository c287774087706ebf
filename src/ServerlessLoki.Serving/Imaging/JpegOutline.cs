using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Segments of a JPEG file up to its first scan.</summary>
/// <param name="Width">Width from the frame header, pixels; 0 without one.</param>
/// <param name="Height">Height from the frame header, pixels; 0 without one.</param>
/// <param name="Components">Colour components of the frame.</param>
/// <param name="IsOneScan">True when one scan holds all components: rows are then decoded as they come. Otherwise the decoder keeps the
/// coefficients of the whole picture.</param>
/// <param name="ScanAt">Offset of the first scan; the file's length without one.</param>
internal readonly record struct JpegOutline(int Width, int Height, int Components, bool IsOneScan, int ScanAt)
{
    internal static JpegOutline Of(ReadOnlySpan<byte> file)
    {
        var outline = new JpegOutline(0, 0, 0, false, file.Length);
        var isProgressive = false;
        for (var at = 2; at + 4 <= file.Length;)
        {
            if (file[at] != 0xFF)
                break;
            var marker = file[at + 1];
            // Fill bytes, and markers without content.
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }

            var data = file[(at + 4)..];
            // Start of frame: all of C0 to CF but the tables (C4, CC) and the extension (C8).
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && data.Length >= 6)
            {
                isProgressive = marker is not (0xC0 or 0xC1);
                outline = outline with
                {
                    Height = BinaryPrimitives.ReadUInt16BigEndian(data[1..]), Width = BinaryPrimitives.ReadUInt16BigEndian(data[3..]), Components = data[5],
                };
            }
            else if (marker == 0xDA && data.Length > 0)
            {
                return outline with { IsOneScan = !isProgressive && data[0] == outline.Components, ScanAt = at };
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return outline;
    }
}
