module tools

go 1.24

require github.com/AlexxIT/go2rtc v1.9.13
