using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Formatting of answers as JSON.</summary>
internal static class AnswerJson
{
    public static JsonWriterOptions Options { get; } = new()
    {
        // Answers are JSON, never put into HTML: only what JSON itself needs is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Returns the document as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
