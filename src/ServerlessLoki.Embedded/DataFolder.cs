using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Embedded;

/// <summary>Protection of the data folder from other users of the machine, since runs hold the images of callers.</summary>
/// <remarks>A folder that is there already may hold other things, so it stays as it is and a wide one is warned about; the store's own
/// files are always narrowed. On Windows the folder's inherited rights count.</remarks>
internal static partial class DataFolder
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder, for its owner only, if it does not exist.</summary>
    public static void Create(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Removes other users' access to a file of the store.</summary>
    public static void Narrow(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path) || (File.GetUnixFileMode(path) & Others) == UnixFileMode.None)
            return;
        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's file that this one may write: it is shared on purpose.
        }
    }

    /// <summary>Logs a warning when other users can read the folder.</summary>
    public static void Warn(string directory, ILogger logger)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(directory) & Others) != UnixFileMode.None)
            LogWide(logger, directory, "chmod 700");
    }

    [LoggerMessage(3303, LogLevel.Warning, "Other users of this machine can look into the data folder {Folder}; the store's files are readable by their owner only. To close the folder: {Cure}")]
    private static partial void LogWide(ILogger logger, string folder, string cure);
}
