using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Headers of an inference request: the form of its body and its bounds.</summary>
/// <param name="Form">Layout of the body.</param>
/// <param name="JsonLength">Bytes of the JSON part; only for <see cref="BodyForm.Binary"/>.</param>
/// <param name="Deadline">Deadline from <c>x-deadline-ms</c>; null = none given.</param>
/// <param name="MinAccuracy">Least accuracy from <c>x-min-accuracy</c>, 0..1; null = none given.</param>
public sealed record InferHeaders(BodyForm Form, int JsonLength, TimeSpan? Deadline, double? MinAccuracy = null)
{
    /// <summary>Values of the URL's query by name, for parameters that the pipeline declares; null = none.</summary>
    public ImmutableDictionary<string, string>? Arguments { get; init; }

    /// <summary>Text between the parts of a form; null for other bodies.</summary>
    public string? Boundary { get; init; }

    /// <summary>True where the body holds no JSON, and so no bounds of the caller.</summary>
    internal bool HasNoJson => Form is BodyForm.Picture or BodyForm.Sound or BodyForm.Raw or BodyForm.Multipart;

    /// <summary>True where the content type says no more than that the body is bytes.</summary>
    public bool IsUnnamed { get; private init; }

    /// <summary>Header with the length of the JSON part.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    /// <summary>Header with the caller's deadline, milliseconds from arrival, shorter or longer than the SLO.</summary>
    public const string DeadlineHeader = "x-deadline-ms";

    /// <summary>Header with the least expected accuracy that the caller accepts, 0..1.</summary>
    public const string MinAccuracyHeader = "x-min-accuracy";

    private static readonly InferHeaders PlainJson = new(BodyForm.Json, 0, null);

    /// <summary>Reads the four headers; null or empty = not sent.</summary>
    /// <exception cref="ApiFaultException">415 for another content type, 400 for unreadable numbers.</exception>
    public static InferHeaders Read(string? contentType, string? jsonLength, string? deadlineMs, string? minAccuracy = null)
    {
        var (deadline, accuracy) = (ReadDeadline(deadlineMs), ReadMinAccuracy(minAccuracy));
        var media = MediaType(contentType);
        if (!string.IsNullOrEmpty(jsonLength))
        {
            if (PictureFormats.IsMediaType(media) || WavHeader.IsMediaType(media) || FormData.IsMediaType(media))
                throw ApiFaultException.Bad($"{JsonLengthHeader} goes with tensors, not with an {media} body. Leave it out.");
            RequireTensorMedia(media, contentType);
            if (!int.TryParse(jsonLength, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                throw ApiFaultException.Bad($"{JsonLengthHeader}: '{Shorten(jsonLength)}' is not a length in bytes.");
            return new InferHeaders(length == 0 ? BodyForm.Raw : BodyForm.Binary, length, deadline, accuracy);
        }

        if (media.IsEmpty || media.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return deadline is null && accuracy is null ? PlainJson : PlainJson with { Deadline = deadline, MinAccuracy = accuracy };
        if (WavHeader.IsMediaType(media))
            return new InferHeaders(BodyForm.Sound, 0, deadline, accuracy);
        if (FormData.IsMediaType(media))
            return new InferHeaders(BodyForm.Multipart, 0, deadline, accuracy) { Boundary = FormData.BoundaryOf(contentType!) };
        // Without the header no tensors can be meant: only a picture says by itself what it is.
        return PictureFormats.IsMediaType(media) || media.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
            ? new InferHeaders(BodyForm.Picture, 0, deadline, accuracy) { IsUnnamed = !PictureFormats.IsMediaType(media) }
            : throw Unsupported(contentType);
    }

    /// <summary>Reads <c>x-deadline-ms</c>: above 0 and at most one day; null if not sent.</summary>
    /// <exception cref="ApiFaultException">400 for anything else.</exception>
    public static TimeSpan? ReadDeadline(string? deadlineMs)
    {
        if (string.IsNullOrEmpty(deadlineMs))
            return null;
        if (!double.TryParse(deadlineMs, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ms)
            || !(ms > 0) || ms > InferParameters.MaxLatencyMs)
        {
            throw ApiFaultException.Bad(
                $"{DeadlineHeader}: '{Shorten(deadlineMs)}' is not a number of milliseconds above 0 and at most {InferParameters.MaxLatencyMs}.");
        }

        return TimeSpan.FromMilliseconds(ms);
    }

    /// <summary>Reads <c>x-min-accuracy</c>: 0..1; null if not sent.</summary>
    /// <exception cref="ApiFaultException">400 for anything else.</exception>
    public static double? ReadMinAccuracy(string? accuracy)
    {
        if (string.IsNullOrEmpty(accuracy))
            return null;
        return double.TryParse(accuracy, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var least) && least is >= 0 and <= 1
            ? least
            : throw ApiFaultException.Bad($"{MinAccuracyHeader}: '{Shorten(accuracy)}' is not a number from 0 to 1.");
    }

    private static ReadOnlySpan<char> MediaType(string? contentType)
    {
        var text = contentType.AsSpan();
        var end = text.IndexOf(';');
        return (end < 0 ? text : text[..end]).Trim();
    }

    private static void RequireTensorMedia(ReadOnlySpan<char> media, string? contentType)
    {
        if (!media.IsEmpty
            && !media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && !media.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase))
        {
            throw Unsupported(contentType);
        }
    }

    private static ApiFaultException Unsupported(string? contentType) => ApiFaultException.UnsupportedMedia(
        $"Content-Type '{Shorten(contentType!)}' is not taken. Send application/json, application/octet-stream with {JsonLengthHeader}, or a picture: {PictureFormats.MediaTypes}; or a sound: {WavHeader.MediaType}; or both as files of {FormData.MediaType}.");

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
