using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Checks of picture and sound files before anything is measured.</summary>
internal static class SampleFiles
{
    /// <summary>Checks a file.</summary>
    /// <returns>Why the file cannot be a query; null where it can.</returns>
    public static string? Fault(QueryKind kind, string path, out PictureHeader picture)
    {
        picture = default;
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (kind == QueryKind.Picture)
            {
                picture = PictureCodec.Header(bytes, ImageLimits.Default);
                PictureCodec.Check(bytes, ImageLimits.Default);
            }
            else
            {
                WavHeader.Read(bytes);
            }

            return null;
        }
        catch (Exception e) when (e is ImageFormatException or SoundFormatException or IOException or UnauthorizedAccessException)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
