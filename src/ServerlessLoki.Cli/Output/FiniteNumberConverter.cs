using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessLoki.Cli.Output;

/// <summary>JSON converter of numbers: NaN and infinity, which JSON does not have, become null; others keep some digits after the
/// point.</summary>
/// <param name="digits">Number of digits, 0 to 15.</param>
internal sealed class FiniteNumberConverter(int digits) : JsonConverter<double>
{
    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(Math.Round(value, digits));
        else
            writer.WriteNullValue();
    }
}
