using System.Text.Json;

namespace ServerlessLoki.Cli.Load;

/// <summary>Reader of the two figures of an answer that a load run needs, without building a document.</summary>
internal static class ReplyReader
{
    /// <summary>Reads the top-level <c>parameters</c> of an Open Inference Protocol response.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="json">The JSON part of the body.</param>
    public static LoadReply Read(int status, ReadOnlySpan<byte> json)
    {
        var accuracy = double.NaN;
        string? variants = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return new LoadReply(status);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var parameters = reader.ValueTextEquals("parameters"u8);
                reader.Read();
                if (!parameters || reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isAccuracy = reader.ValueTextEquals("accuracy"u8);
                    var isVariants = reader.ValueTextEquals("variants"u8);
                    reader.Read();
                    if (isAccuracy && reader.TokenType == JsonTokenType.Number)
                        accuracy = reader.GetDouble();
                    else if (isVariants && reader.TokenType == JsonTokenType.String)
                        variants = reader.GetString();
                    else
                        reader.Skip();
                }

                break;
            }
        }
        catch (JsonException)
        {
            // Not an answer of this protocol: it counts by its status alone.
        }

        return new LoadReply(status, accuracy, variants);
    }
}
