using System.Formats.Tar;
using ICSharpCode.SharpZipLib.BZip2;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Reads archives of tar and bzip2 (<c>.tbz2</c>).</summary>
internal static class ImportArchive
{
    /// <summary>Text of the first file.</summary>
    /// <param name="bytes">The archive.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="IOException">It is no such archive, or holds no file.</exception>
    public static string FirstFile(byte[] bytes, string path)
    {
        try
        {
            using var tar = new TarReader(new BZip2InputStream(new MemoryStream(bytes)));
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.DataStream is null)
                    continue;
                using var reader = new StreamReader(entry.DataStream);
                return reader.ReadToEnd();
            }
        }
        catch (Exception e) when (e is BZip2Exception or InvalidDataException or EndOfStreamException)
        {
            throw new IOException($"{path} is no archive of tar and bzip2: {e.Message}", e);
        }

        throw new IOException($"{path} holds no file.");
    }
}
