"""What recorders without RPC2 answer."""

CGI = "/cgi-bin"
CONFIG = f"{CGI}/configManager.cgi?action=getConfig&name="
MAGIC = f"{CGI}/magicBox.cgi?action="
STATE_LINES = "".join(
    f"states[{index}].channel={index}\r\nstates[{index}].connectionState=Connected\r\n"
    for index in range(2)
)


def old_texts() -> dict[str, str | tuple[int, str]]:
    """Return what a recorder without RPC2 answers."""
    return {
        f"{MAGIC}getSystemInfo": "deviceType=31\r\nserialNumber=SN2\r\nupdateSerial=NVR4108\r\n",
        f"{MAGIC}getSoftwareVersion": "version=3.2,build:2019-01-01\r\n",
        f"{MAGIC}getMachineName": "name=Attic\r\n",
        f"{MAGIC}getVendor": "vendor=Lorex\r\n",
        f"{CONFIG}ChannelTitle": "table.ChannelTitle[0].Name=Gate\r\ntable.ChannelTitle[1].Name=\r\n",
        f"{CONFIG}RemoteDevice": (
            "table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Enable=true\r\n"
            "table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_1.Enable=true\r\n"
        ),
        f"{CONFIG}Encode": "table.Encode[0].MainFormat[0].Video.Compression=H.264\r\n",
        f"{CONFIG}NTP": "table.NTP.TimeZoneDesc=GMT+01:00\r\n",
        f"{CONFIG}RTSP": "table.RTSP.Port=554\r\n",
        f"{CGI}/global.cgi?action=getCurrentTime": "result=2026-1-2 8:00:00\r\n",
        f"{CGI}/storageDevice.cgi?action=getDeviceAllInfo": "list.info[0].Name=/dev/sda\r\nlist.info[0].State=Error\r\n",
    }
