using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Writer of a tensor's elements as flat JSON values.</summary>
/// <remarks>FP16 and BF16 have no form in the protocol's JSON. Answers of variants hold them as binary only; those of pipelines, and of runs, are
/// numbers: who sent a picture could not ask for anything else.</remarks>
internal static class TensorText
{
    /// <summary>Returns the most bytes that writing a tensor as text takes, with the spare room of a buffer that grew.</summary>
    public static long MostBytes(Datatype datatype, long bytes)
    {
        // Digits of the longest value, its sign, point, exponent and comma; of a text every byte may have to be escaped.
        var perByte = datatype switch
        {
            Datatype.Bool or Datatype.Bytes => 6,
            Datatype.UInt8 or Datatype.Int8 => 5,
            Datatype.Fp16 or Datatype.Bf16 => 8,
            Datatype.Fp32 or Datatype.UInt16 or Datatype.Int16 => 4,
            Datatype.Fp64 => 25.0 / 8,
            _ => 3,
        };
        return (long)(2 * perByte * bytes);
    }

    public static void Write(Utf8JsonWriter json, Datatype datatype, ReadOnlySpan<byte> bytes)
    {
        if (datatype == Datatype.Bytes)
        {
            WriteTexts(json, bytes);
            return;
        }

        for (var size = datatype.Size(); bytes.Length >= size; bytes = bytes[size..])
            WriteOne(json, datatype, bytes);
    }

    private static void WriteOne(Utf8JsonWriter json, Datatype datatype, ReadOnlySpan<byte> at)
    {
        switch (datatype)
        {
            case Datatype.Bool: json.WriteBooleanValue(at[0] != 0); break;
            case Datatype.UInt8: json.WriteNumberValue((uint)at[0]); break;
            case Datatype.Int8: json.WriteNumberValue((int)(sbyte)at[0]); break;
            case Datatype.UInt16: json.WriteNumberValue((uint)BinaryPrimitives.ReadUInt16LittleEndian(at)); break;
            case Datatype.Int16: json.WriteNumberValue((int)BinaryPrimitives.ReadInt16LittleEndian(at)); break;
            case Datatype.UInt32: json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(at)); break;
            case Datatype.Int32: json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(at)); break;
            case Datatype.UInt64: json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(at)); break;
            case Datatype.Int64: json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(at)); break;
            case Datatype.Fp16: WriteReal(json, (float)BinaryPrimitives.ReadHalfLittleEndian(at)); break;
            case Datatype.Bf16: WriteReal(json, BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(at) << 16)); break;
            case Datatype.Fp32: WriteReal(json, BinaryPrimitives.ReadSingleLittleEndian(at)); break;
            case Datatype.Fp64: WriteReal(json, BinaryPrimitives.ReadDoubleLittleEndian(at)); break;
            default: throw new ArgumentOutOfRangeException(nameof(datatype), datatype, null);
        }
    }

    // JSON has no NaN and no infinity: null, as the common clients read it back to NaN.
    private static void WriteReal(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }

    private static void WriteReal(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }

    private static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 4)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            // Through a string: bytes that are no UTF-8 become replacement characters instead of broken JSON.
            json.WriteStringValue(Encoding.UTF8.GetString(bytes.Slice(4, length)));
            bytes = bytes[(4 + length)..];
        }
    }
}
